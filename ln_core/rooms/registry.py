"""All classes of a server: who may hold one, and who is let in."""

import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from ln_core.rooms.limits import Bucket, Limit
from ln_core.rooms.room import TEACHER_SAYS, Parts, Presence, RefusalError, Room

MOST_ROOMS = 50
LEASE = 3600.0  # seconds that a room is held for a teacher who is away
# Neither vowels, which make words, nor letters that look like others or like digits.
LETTERS = "BCDFGHJKMNPRSTWXYZ"
SECRET = re.compile("[0-9a-f]{32}")
CODE = re.compile(f"[{LETTERS}]{{4}}")
# At once, and a second for long: of one client address, and of all. With 18^4 codes, and one class,
# all who try together have tried one code in a hundred after an hour.
WRONG_CODES = (10, 0.1), (60, 0.25)
NEW_ROOMS = (10, 1 / 60), (MOST_ROOMS, 1 / 6)
WRONG_TAKES = 1.0  # seconds until a wrong code is said to be wrong
NOBODY = "There is no class {}. Look at the code again."


@dataclass(slots=True)
class Seat:
    """The place of one page in a room: the teacher's, or a member's."""

    registry: "Registry"
    room: Room
    token: str = ""  # of a member; empty: the teacher

    @property
    def member(self) -> str:
        """Who sits here, if it is not the teacher."""
        return self.token.partition(".")[0]

    def stay(self) -> None:
        """Give a sign of life.

        Raises: RefusalError if there is no place any more.
        """
        self.registry.sweep()
        if not self.token:
            self.room.teacher.seen = self.registry.clock()
        elif not self.room.over:
            self.room.stay(self.member, self.registry.clock())

    def hear(self, words: object) -> None:
        """Take in what the page says; what no page of ours says changes nothing.

        Raises: RefusalError if it says too much.
        """
        self.stay()
        room = self.room
        if room.over:
            return
        presence = room.members[self.member] if self.token else room.teacher
        if not presence.says.take(self.registry.clock()):
            raise RefusalError("fast", "Too many messages a second came from this page.")
        try:
            if self.token:
                room.hear_member(self.member, words)
            else:
                room.hear_teacher(words)
        except ValueError:
            return
        self.registry.sweep()

    def parts(self) -> Parts:
        """Give all that the page is told."""
        return self.room.to_member(self.token) if self.token else self.room.to_teacher()

    def leave(self) -> None:
        """Go; who comes back has the same seat."""
        if self.token:
            self.room.leave(self.member)


class Registry:
    """The rooms by their codes."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.rooms: dict[str, Room] = {}
        self._wrong, self._new = Limit(*WRONG_CODES), Limit(*NEW_ROOMS)

    def sweep(self) -> None:
        """Forget the rooms that have ended, or whose teachers have been away for an hour."""
        for room in list(self.rooms.values()):
            if self.clock() - room.teacher.seen > LEASE:
                room.over = "The class has ended: its teacher was away for an hour."
            if room.over:
                del self.rooms[room.code]
                room.change()

    def teach(self, address: str, code: str = "", secret: str = "") -> Seat:
        """Give a teacher a room: a new one, or the one that goes with a secret.

        Where a restarted server does not know that room, it is made again.
        Raises: RefusalError if it cannot be had.
        """
        self.sweep()
        if code and not (CODE.fullmatch(code) and SECRET.fullmatch(secret)):
            raise RefusalError("taken", f"No class is held under the code {code[:8]!r}.")
        room = self.rooms.get(code) or self._make(address, code, secret)
        if code and not secrets.compare_digest(room.secret, secret):
            said = f"Another class has the code {code} by now. Start a new one."
            raise RefusalError("taken", said, WRONG_TAKES)
        seat = Seat(self, room)
        seat.stay()
        return seat

    def _make(self, address: str, code: str, secret: str) -> Room:
        now = self.clock()
        if len(self.rooms) >= MOST_ROOMS:
            said = f"The lab is full: {MOST_ROOMS} classes are being held. Try again later."
            raise RefusalError("rooms", said)
        if wait := self._new.wait(address, now):
            said = f"Many classes were started from here. Try again in {_whole(wait)} s."
            raise RefusalError("rooms", said)
        self._new.take(address, now)
        code = code or self._free_code()
        teacher = Presence(now, Bucket(*TEACHER_SAYS))
        room = self.rooms[code] = Room(code, secret or secrets.token_hex(16), teacher)
        return room

    def _free_code(self) -> str:
        while (code := "".join(secrets.choice(LETTERS) for _ in range(4))) in self.rooms:
            pass
        return code

    def join(self, address: str, code: str, token: str = "") -> Seat:
        """Let a member in: by the code, or back by its token.

        Raises: RefusalError if it is not let in.
        """
        self.sweep()
        code = code.upper()
        room = self.rooms.get(code)
        if token:
            # Whoever waits for a class that is not there, or no longer, learns nothing of others.
            if not room or room.member_of(token) is None:
                raise RefusalError("away", f"Class {code[:8]} is not there at the moment.")
        else:
            room = self._known(address, code)
            token = room.new_token()
        seat = Seat(self, room, token)
        seat.stay()
        return seat

    def _known(self, address: str, code: str) -> Room:
        """Give the room that has a code. Who has tried too many is not told whether it has one."""
        now = self.clock()
        if wait := self._wrong.wait(address, now):
            said = f"Too many wrong codes were tried. Try again in {_whole(wait)} s."
            raise RefusalError("slow", said)
        room = self.rooms.get(code)
        if room:
            return room
        self._wrong.take(address, now)
        raise RefusalError("wrong", NOBODY.format(code[:8]), WRONG_TAKES)


def _whole(seconds: float) -> int:
    return int(seconds) + 1
