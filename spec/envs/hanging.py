"""An env that prints 'hanging' at the action 'hang', and then computes for ever. Its observation is the action."""


class Hanging:
    def reset(self, seed=None, options=None):
        return None, {}

    def step(self, action):
        if action == "hang":
            print("hanging")
            while True:
                pass
        return action, 1.0, False, False, {}


env = Hanging()
