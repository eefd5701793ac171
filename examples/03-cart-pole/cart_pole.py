"""A pole hinged on a cart: push the cart left or right so that the pole stays up.

The equations of motion are those of A. G. Barto, R. S. Sutton and C. W. Anderson, "Neuronlike adaptive elements that
can solve difficult learning control problems", IEEE Transactions on Systems, Man, and Cybernetics SMC-13(5), 1983,
pages 834-846 (appendix), with the two friction terms left out. The constants are those of Gymnasium's CartPole-v1
(https://gymnasium.farama.org/environments/classic_control/cart_pole/): the same state and action lead to the same next
state here and there. Only the random numbers of `reset` differ, since these come from `random.Random`.

Plain Python with nothing to install; `render` draws its pixels without NumPy.
"""

import math
import operator
import random
import warnings
from array import array

GRAVITY = 9.8  # m/s²
CART_MASS = 1.0  # kg
POLE_MASS = 0.1  # kg
TOTAL_MASS = CART_MASS + POLE_MASS
HALF_POLE = 0.5  # m, from the hinge to the pole's centre of mass
FORCE = 10.0  # N, to the left or to the right: never none
TAU = 0.02  # s, one step
X_LIMIT = 2.4  # m, how far the cart may go from the middle
THETA_LIMIT = 12 * 2 * math.pi / 360  # rad, how far the pole may lean
MAX_STEPS = 500


class Discrete:
    """The whole numbers from 0 to n - 1."""

    def __init__(self, n):
        self.n = n

    def contains(self, value):
        try:
            return 0 <= operator.index(value) < self.n
        except TypeError:
            return False

    def __repr__(self):
        return f"Discrete({self.n})"


class Box:
    """Arrays whose every element lies between its bounds in `low` and `high`."""

    def __init__(self, low, high, shape, dtype):
        self.low = low
        self.high = high
        self.shape = shape
        self.dtype = dtype

    def __repr__(self):
        return f"Box({list(self.low)}, {list(self.high)}, {self.shape}, {self.dtype})"


class CartPole:
    """The observation is float32 [x, velocity of x, theta, velocity of theta], in m, m/s, rad and rad/s; theta is
    positive when the pole leans to the right. The action is 0 (push left) or 1 (push right). Every step earns 1.0, also
    the one that ends the episode. An episode is terminated when the pole leans more than 12 degrees or the cart goes
    farther than 2.4 m, and truncated after 500 steps.
    """

    metadata = {"render_modes": ["rgb_array"], "render_fps": 50}
    render_mode = "rgb_array"

    def __init__(self):
        bounds = [2 * X_LIMIT, math.inf, 2 * THETA_LIMIT, math.inf]
        low = array("f", [-bound for bound in bounds])
        self.observation_space = Box(low, array("f", bounds), (4,), "float32")
        self.action_space = Discrete(2)
        self.state = None  # (x, x_dot, theta, theta_dot) in full precision
        self.steps = 0
        self.fallen = False
        self._random = random.Random()

    def reset(self, *, seed=None, options=None):
        """Starts an episode: each of the four numbers is drawn evenly between options' `low` and `high`, by default
        -0.05 and 0.05. A seed starts the random numbers anew; without one they go on."""
        if seed is not None:
            self._random.seed(seed)
        low, high = _bounds(options or {})
        self.state = tuple(self._random.uniform(low, high) for _ in range(4))
        self.steps = 0
        self.fallen = False
        return array("f", self.state), {}

    def step(self, action):
        """Pushes the cart for 20 ms. Returns observation, reward, terminated, truncated, info."""
        if not self.action_space.contains(action):
            raise ValueError(f"action: expected 0 (push left) or 1 (push right), got {action!r}")
        if self.state is None:
            raise RuntimeError("step before the first reset; call reset() to begin an episode")

        reward = 1.0
        if self.fallen:
            warnings.warn("step after the pole has fallen earns nothing; call reset() to begin an episode", stacklevel=2)
            reward = 0.0

        self.state = _move(self.state, FORCE if action == 1 else -FORCE)
        self.steps += 1
        x, _, theta, _ = self.state
        self.fallen = abs(x) > X_LIMIT or abs(theta) > THETA_LIMIT or self.fallen
        return array("f", self.state), reward, self.fallen, self.steps >= MAX_STEPS, {}

    def render(self):
        """The picture: 320 rows of 640 RGB pixels, as a shaped memoryview of bytes that are the caller's own."""
        if self.state is None:
            raise RuntimeError("render before the first reset; call reset() to begin an episode")
        x, _, theta, _ = self.state
        return _picture(x, theta, self.fallen)

    def close(self):
        self.state = None


def _bounds(options):
    low, high = float(options.get("low", -0.05)), float(options.get("high", 0.05))
    if not low <= high:
        raise ValueError(f"options: expected low <= high, got low {low} and high {high}")
    return low, high


def _move(state, force):
    """The state after one step of Euler's method.

    Near balance a rounding error grows a billionfold within an episode; so the terms stand in the order in which
    Gymnasium adds them up, and a long episode agrees as well as a short one.
    """
    x, x_dot, theta, theta_dot = state
    sin, cos = math.sin(theta), math.cos(theta)
    moment = POLE_MASS * HALF_POLE
    # What the cart's acceleration would be if the pole did not swing.
    push = (force + moment * (theta_dot * theta_dot) * sin) / TOTAL_MASS
    theta_acc = (GRAVITY * sin - cos * push) / (HALF_POLE * (4 / 3 - POLE_MASS * (cos * cos) / TOTAL_MASS))
    x_acc = push - moment * theta_acc * cos / TOTAL_MASS
    return (x + TAU * x_dot, x_dot + TAU * x_acc, theta + TAU * theta_dot, theta_dot + TAU * theta_acc)


# The picture, in pixels. Everything that stands still is drawn once; the cart and the pole are drawn row by row on a
# copy of it, since copying a slice of bytes is what plain Python does fast.

WIDTH, HEIGHT, SCALE = 640, 320, 120  # SCALE: pixels to the metre
RAIL_Y = 236
CART_WIDTH, CART_HEIGHT, WHEEL = 56, 26, 7
CART_BOTTOM = RAIL_Y - 2 * WHEEL + 4
HINGE_Y = CART_BOTTOM - CART_HEIGHT
POLE_LENGTH, POLE_WIDTH = 2 * HALF_POLE * SCALE, 9

SKY, GROUND = ((17, 24, 39), (35, 52, 84)), ((26, 36, 58), (17, 24, 39))
GRID, RAIL, STOP = (52, 70, 108), (148, 163, 184), (248, 113, 113)
CART, WHEELS, POLE, FALLEN, AXLE = (45, 196, 182), (226, 232, 240), (251, 191, 36), (248, 113, 113), (255, 255, 255)

_still = None


def _picture(x, theta, fallen):
    global _still
    if _still is None:
        _still = _backdrop()
    pixels = bytearray(_still)
    centre = WIDTH / 2 + x * SCALE
    for side in (-1, 1):
        _disc(pixels, centre + side * CART_WIDTH * 0.3, RAIL_Y - WHEEL, WHEEL, WHEELS)
    _block(pixels, centre, HINGE_Y, CART_BOTTOM, CART_WIDTH / 2, CART)
    _bar(pixels, centre, HINGE_Y + 4, theta, POLE_LENGTH, POLE_WIDTH / 2, FALLEN if fallen else POLE)
    _disc(pixels, centre, HINGE_Y + 4, 3, AXLE)
    return memoryview(pixels).cast("B", (HEIGHT, WIDTH, 3))


def _backdrop():
    rows = []
    for y in range(HEIGHT):
        colours, share = (SKY, y / RAIL_Y) if y < RAIL_Y else (GROUND, (y - RAIL_Y) / (HEIGHT - RAIL_Y))
        rows.append(bytes(round(a + (b - a) * share) for a, b in zip(*colours)) * WIDTH)
    pixels = bytearray(b"".join(rows))
    for half_metre in range(-4, 5):
        _rectangle(pixels, WIDTH // 2 + half_metre * SCALE // 2, 0, 1, RAIL_Y, GRID)
    _rectangle(pixels, 0, RAIL_Y, WIDTH, 4, RAIL)
    for side in (-1, 1):
        _rectangle(pixels, WIDTH // 2 + side * round(X_LIMIT * SCALE) - 2, RAIL_Y - 22, 4, 22, STOP)
    return bytes(pixels)


def _rectangle(pixels, x, y, width, height, colour):
    for row in range(y, y + height):
        start = (row * WIDTH + x) * 3
        pixels[start : start + width * 3] = bytes(colour) * width


def _span(pixels, y, left, right, colour):
    """One row from left to right, both fractions of pixels: the pixels at the ends are mixed with what is there."""
    if left < 0:
        left = 0
    if right > WIDTH:
        right = WIDTH
    if left >= right or not 0 <= y < HEIGHT:
        return
    first, last = int(left), int(right)
    row = y * WIDTH * 3
    if first == last:
        _mix(pixels, row + first * 3, colour, right - left)
        return
    if first < left:
        _mix(pixels, row + first * 3, colour, first + 1 - left)
        first += 1
    pixels[row + first * 3 : row + last * 3] = bytes(colour) * (last - first)
    if last < right:
        _mix(pixels, row + last * 3, colour, right - last)


def _mix(pixels, at, colour, share):
    for channel in range(3):
        below = pixels[at + channel]
        pixels[at + channel] = int(below + (colour[channel] - below) * share + 0.5)


def _disc(pixels, centre_x, centre_y, radius, colour):
    for y in range(int(centre_y - radius), int(centre_y + radius) + 1):
        square = radius**2 - (y + 0.5 - centre_y) ** 2
        if square > 0:
            half = math.sqrt(square)
            _span(pixels, y, centre_x - half, centre_x + half, colour)


def _block(pixels, centre, top, bottom, half, colour):
    """A rectangle with rounded corners."""
    radius = 5
    for y in range(top, bottom):
        into = max(top + radius - y - 0.5, y + 0.5 - bottom + radius, 0)
        inset = radius - math.sqrt(radius**2 - into**2)
        _span(pixels, y, centre - half + inset, centre + half - inset, colour)


def _bar(pixels, x, y, theta, length, half, colour):
    """A bar of a length and a half width that stands on (x, y) and leans by theta."""
    sin, cos = math.sin(theta), math.cos(theta)
    tip_x, tip_y = x + length * sin, y - length * cos
    across_x, across_y = half * cos, half * sin
    corners = [
        (x - across_x, y - across_y),
        (tip_x - across_x, tip_y - across_y),
        (tip_x + across_x, tip_y + across_y),
        (x + across_x, y + across_y),
    ]
    spans = {}
    for (x0, y0), (x1, y1) in zip(corners, corners[1:] + corners[:1]):
        if y0 > y1:
            x0, y0, x1, y1 = x1, y1, x0, y0
        # The rows whose middle the edge crosses.
        for row in range(math.ceil(y0 - 0.5), math.ceil(y1 - 0.5)):
            spans.setdefault(row, []).append(x0 + (row + 0.5 - y0) * (x1 - x0) / (y1 - y0))
    for row, (one, other) in spans.items():
        _span(pixels, row, min(one, other), max(one, other), colour)
    _disc(pixels, tip_x, tip_y, half, colour)


env = CartPole()
