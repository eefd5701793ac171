"""The cart-pole of example 03 in a breeze, without an end at 500 steps, and with faults on demand.

A fault comes as a message to this very worker, past rxgym, and strikes in the next step. It is no part of the env: it is
neither in a checkpoint nor in the log of what is done again, so it strikes once, and the worker that takes over knows
nothing of it.
"""

import ctypes

import js
from pyodide.ffi import create_proxy

BREEZE = 0.04  # rad/s, at most, on the pole in every step

if "waiting_faults" not in globals():  # this code runs again in the same interpreter when its env is set up afresh
    waiting_faults = []

    def on_message(event):
        fault = getattr(event.data, "fault", None)
        if fault is not None:
            waiting_faults.append(fault)

    js.addEventListener("message", create_proxy(on_message))


class Survivor(CartPole):  # noqa: F821
    def step(self, action):
        if waiting_faults:
            strike(waiting_faults.pop())
        x, x_dot, theta, theta_dot = self.state
        # Out of the env's own random numbers: these too go on after a crash as if nothing had happened.
        self.state = (x, x_dot, theta, theta_dot + self._random.uniform(-BREEZE, BREEZE))
        observation, reward, terminated, _, info = super().step(action)
        return observation, reward, terminated, False, info


def strike(fault):
    if fault == "loop":
        while True:
            pass
    if fault == "fatal":
        ctypes.string_at(1 << 31)  # an address outside of the memory: WebAssembly traps, the interpreter is done for
    if fault == "memory":
        # bytearrays that nobody writes to: they use up the 4 GB of WebAssembly, not those of the machine
        new_bytearray = ctypes.pythonapi.PyByteArray_FromStringAndSize
        new_bytearray.restype = ctypes.py_object
        new_bytearray.argtypes = [ctypes.c_char_p, ctypes.c_ssize_t]
        held = []
        while True:
            held.append(new_bytearray(None, 64 << 20))


env = Survivor()
