"""One class: what its teacher shows, who is there, what they answer."""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ln_core.rooms.limits import Bucket
from ln_core.rooms.messages import OPTIONS, Shown, fields, read_option, read_shown, read_stop

MOST_MEMBERS = 150
MOST_QUESTIONS = 100  # whose answers are kept, the latest
AWAY = 15.0  # seconds without a sign after which someone is not there any more
TEACHER_SAYS = (40, 15)  # messages at once, and a second for long
MEMBER_SAYS = (10, 2)

Parts = dict[str, Any]  # as JSON


class RefusalError(Exception):
    """Someone is not let in, or not heard: `kind` for the page, in words, and how long it takes."""

    def __init__(self, kind: str, said: str, delay: float = 0.0) -> None:
        super().__init__(said)
        self.kind, self.delay = kind, delay


@dataclass(slots=True)
class Presence:
    """When someone gave a sign of life, and how much more they may say."""

    seen: float
    says: Bucket


@dataclass(slots=True)
class Room:
    """A class; `now` is always the time in seconds on one clock."""

    code: str
    secret: str
    teacher: Presence
    over: str = ""  # why it has ended
    members: dict[str, Presence] = field(default_factory=dict)
    shown: Shown = field(default_factory=dict)
    paused: bool = False
    question: str = ""
    answers: dict[str, dict[str, int]] = field(default_factory=dict)  # by question, by member
    revealed: set[str] = field(default_factory=set)
    watchers: set[Callable[[], None]] = field(default_factory=set)  # called after every change

    def change(self) -> None:
        """Have everyone look at what there is now."""
        for watcher in tuple(self.watchers):
            watcher()

    def new_token(self) -> str:
        """Give a member the token that lets it come back, even after a restart of the server."""
        member = secrets.token_hex(8)
        return f"{member}.{self._sign(member)}"

    def member_of(self, token: str) -> str | None:
        """Give whose token it is; None: it was not given out by this room's teacher's secret."""
        member, _, signed = token.partition(".")
        is_own = hmac.compare_digest(signed.encode(), self._sign(member).encode())
        return member if is_own else None

    def _sign(self, member: str) -> str:
        words = f"{self.code} {member}".encode()
        return hmac.new(self.secret.encode(), words, hashlib.sha256).hexdigest()[:32]

    def stay(self, member: str, now: float) -> None:
        """Take a sign of life of a member.

        Raises: RefusalError if that is one more than the room takes.
        """
        for other in [one for one, there in self.members.items() if now - there.seen > AWAY]:
            del self.members[other]
        if member in self.members:
            self.members[member].seen = now
            return
        if len(self.members) >= MOST_MEMBERS:
            raise RefusalError("full", f"Class {self.code} is full: {MOST_MEMBERS} have joined.")
        self.members[member] = Presence(now, Bucket(*MEMBER_SAYS))
        self.change()

    def leave(self, member: str) -> None:
        """Forget that a member is there; its answers stay."""
        if self.members.pop(member, None):
            self.change()

    def to_member(self, token: str) -> Parts:
        """Give all that a member is told."""
        return {"you": {"code": self.code, "token": token}, **self.shown, **self._to_all()}

    def to_teacher(self) -> Parts:
        """Give all that the teacher is told."""
        you = {"code": self.code, "secret": self.secret}
        answered = len(self.answers.get(self.question, ()))
        return {"you": you, "members": len(self.members), "answered": answered, **self._to_all()}

    def _to_all(self) -> Parts:
        return {
            "paused": self.paused,
            "question": self.question,
            "tally": self._tally() if self.question in self.revealed else None,
            "over": self.over,
        }

    def _tally(self) -> list[int]:
        chosen = list(self.answers.get(self.question, {}).values())
        return [chosen.count(option) for option in range(OPTIONS)]

    def hear_teacher(self, words: object) -> None:
        """Do what the teacher says: show, pause, ask, reveal or end.

        Raises: ValueError if it is nothing that a teacher's page of ours says.
        """
        if not isinstance(words, dict) or len(words) != 1:
            raise ValueError("a message must have one field")
        ((name, value),) = words.items()
        acts: dict[str, Callable[[Any], None]] = {
            "show": self._show,
            "pause": self._pause,
            "ask": self._ask,
            "reveal": self._reveal,
            "end": self._end,
        }
        if name not in acts:
            raise ValueError(f"a teacher says one of {', '.join(acts)}, got {name[:20]!r}")
        acts[name](value)
        self.change()

    def _show(self, value: object) -> None:
        self.shown = read_shown(value)

    def _pause(self, value: object) -> None:
        self.paused = value is True

    def _ask(self, value: object) -> None:
        self.question = read_stop(value) if value != "" else ""
        if self.question:
            self.answers.setdefault(self.question, {})
        while len(self.answers) > MOST_QUESTIONS:
            oldest = next(one for one in self.answers if one != self.question)
            del self.answers[oldest]
            self.revealed.discard(oldest)

    def _reveal(self, value: object) -> None:
        if value == self.question and self.question:
            self.revealed.add(self.question)

    def _end(self, _: object) -> None:
        self.over = "The teacher has ended the class."

    def hear_member(self, member: str, words: object) -> None:
        """Take a member's answer to the question that is asked; it may change until the tally.

        Raises: ValueError if it says anything else.
        """
        (answer,) = fields(words, "answer")
        stop, option = fields(answer, "stop", "option")
        stop, option = read_stop(stop), read_option(option)
        if stop != self.question or stop in self.revealed:
            return  # too early or too late
        given = self.answers[stop]
        if member in given or len(given) < MOST_MEMBERS:
            given[member] = option
            self.change()
