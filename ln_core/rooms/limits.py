"""How much is allowed in a while."""

from collections import OrderedDict
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address

MOST_ADDRESSES = 10_000  # that are remembered


@dataclass(slots=True)
class Bucket:
    """Allows `size` at once, and `rate` a second for long; `now` is in seconds on any clock."""

    size: float
    rate: float
    left: float = field(init=False)
    since: float = -float("inf")

    def __post_init__(self) -> None:
        self.left = self.size

    def wait(self, now: float) -> float:
        """Give the seconds until one more is allowed; 0: it is now."""
        if now > self.since:
            self.left = min(self.size, self.left + (now - self.since) * self.rate)
            self.since = now
        return max(0.0, (1 - self.left) / self.rate)

    def take(self, now: float) -> bool:
        """Take one; False if that is more than is allowed."""
        if self.wait(now):
            return False
        self.left -= 1
        return True


class Limit:
    """A limit for each client address, and one for all of them together."""

    def __init__(self, each: tuple[float, float], together: tuple[float, float]) -> None:
        self._each, self._together = each, Bucket(*together)
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def wait(self, address: str, now: float) -> float:
        """Give the seconds until an address is allowed one more; 0: it is now."""
        return max(self._bucket(address).wait(now), self._together.wait(now))

    def take(self, address: str, now: float) -> None:
        """Count one of an address that need not wait."""
        self._bucket(address).take(now)
        self._together.take(now)

    def _bucket(self, address: str) -> Bucket:
        network = network_of(address)
        bucket = self._buckets.setdefault(network, Bucket(*self._each))
        self._buckets.move_to_end(network)
        if len(self._buckets) > MOST_ADDRESSES:
            self._buckets.popitem(last=False)
        return bucket


def network_of(address: str) -> str:
    """Give what one client has of a network: of IPv6 it has 2^64 addresses."""
    try:
        read = ip_address(address)
    except ValueError:
        return address
    return str(int(read) >> 64) if isinstance(read, IPv6Address) else address
