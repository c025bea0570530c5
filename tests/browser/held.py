"""A server that is slow to answer: what it sends is held back until a test lets it go."""


class HeldAnswers:
    """What the web sockets of a page bring; as long as it is held, the page waits for it."""

    def __init__(self, page, pattern):
        self._holds, self._held = False, []
        page.route_web_socket(pattern, self._carry)

    def hold(self):
        """Hold back what comes from now on."""
        self._holds = True

    def let_go(self):
        """Send what was held back, in its order, and what comes from now on."""
        self._holds = False
        for socket, message in self._held:
            socket.send(message)
        self._held.clear()

    def _carry(self, socket):
        def take(message):
            if self._holds:
                self._held.append((socket, message))
            else:
                socket.send(message)

        socket.connect_to_server().on_message(take)
