"""How long passwords last and when users are locked (12.5.6): sections of the configuration descriptor."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from artifactory_sandbox.platform.web import Answer, Call, Refused, Route, json_answer, text

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

DAY_MS = 86_400_000
EXPIRATION = {"enabled": False, "passwordMaxAge": 60, "notifyByEmail": True}
LOCK = {"enabled": False, "loginAttempts": 5}
_LONGEST_DAYS, _MOST_ATTEMPTS = 999, 100


@dataclass(frozen=True, slots=True)
class Switches:
    """What the descriptor says that every call needs."""

    anonymous: bool = False
    hide: bool = False
    max_age_days: int = 0
    """0: passwords do not grow old."""
    attempts: int = 0
    """0: nobody is locked."""


class Policies:
    """Reads and writes the two policies, so that the descriptor and their own calls show one state."""

    def __init__(self, platform: "Platform") -> None:
        self._platform = platform
        self._seen: tuple[Mapping[str, Any], Switches] | None = None

    @property
    def switches(self) -> Switches:
        """Read anew only when the descriptor changed."""
        tree = self._platform.configuration.shown
        seen = self._seen
        if seen is None or seen[0] is not tree:
            self._seen = seen = (tree, _switches(tree))
        return seen[1]

    @property
    def expiration(self) -> dict[str, Any]:
        """Password expiration."""
        return _expiration(self._security())

    @property
    def lock(self) -> dict[str, Any]:
        """Locking after wrong passwords."""
        return _lock(self._security())

    def set_expiration(self, sent: Mapping[str, Any]) -> None:
        """Changes the policy; a 400 for a wrong age."""
        changed = {**self.expiration, **_known(sent, EXPIRATION)}
        _demand(changed, "passwordMaxAge", 1 if changed["enabled"] else 0, _LONGEST_DAYS)
        self._platform.configuration.patch({"security": {"passwordSettings": {"expirationPolicy": changed}}})

    def set_lock(self, sent: Mapping[str, Any]) -> None:
        """Changes the policy; 0 attempts only with a policy that is off."""
        changed = {**self.lock, **_known(sent, LOCK)}
        _demand(changed, "loginAttempts", 1 if changed["enabled"] else 0, _MOST_ATTEMPTS)
        self._platform.configuration.patch({"security": {"userLockPolicy": changed}})
        if not changed["enabled"]:
            self._platform.security.state.unlock(None)

    def _security(self) -> Mapping[str, Any]:
        found = self._platform.configuration.shown.get("security")
        return found if isinstance(found, dict) else {}


def expired(user: Mapping[str, Any], now: int, max_age_days: int) -> bool:
    """Whether a user's password is too old, or was made invalid."""
    if user["password_expired"]:
        return True
    return bool(max_age_days and user["realm"] == "internal" and now - user["password_changed"] > max_age_days * DAY_MS)


def _switches(tree: Mapping[str, Any]) -> Switches:
    security = tree.get("security")
    security = security if isinstance(security, dict) else {}
    expiration, lock = _expiration(security), _lock(security)
    return Switches(
        anonymous=security.get("anonAccessEnabled") is True,
        hide=security.get("hideUnauthorizedResources") is True,
        max_age_days=_number(expiration["passwordMaxAge"]) if expiration["enabled"] is True else 0,
        attempts=_number(lock["loginAttempts"]) if lock["enabled"] is True else 0,
    )


def _expiration(security: Mapping[str, Any]) -> dict[str, Any]:
    settings = security.get("passwordSettings")
    return {
        **EXPIRATION,
        **_known(settings.get("expirationPolicy") if isinstance(settings, dict) else None, EXPIRATION),
    }


def _lock(security: Mapping[str, Any]) -> dict[str, Any]:
    return {**LOCK, **_known(security.get("userLockPolicy"), LOCK)}


def _number(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _known(sent: Any, defaults: Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(sent, Mapping):
        return {}
    return {name: sent[name] for name in defaults if sent.get(name) is not None}


def _demand(policy: Mapping[str, Any], name: str, least: int, most: int) -> None:
    for flag in policy.keys() - {name}:
        if not isinstance(policy[flag], bool):
            raise Refused(400, f"{flag} is true or false")
    number = policy[name]
    if isinstance(number, bool) or not isinstance(number, int) or not least <= number <= most:
        raise Refused(400, f"{name} is a number from {least} to {most}")


def get_expiration(call: Call) -> Answer:
    """Get Password Expiration Policy."""
    return json_answer(call.platform.security.policies.expiration)


def put_expiration(call: Call) -> Answer:
    """Set Password Expiration Policy."""
    call.platform.security.policies.set_expiration(call.json_object())
    return json_answer(call.platform.security.policies.expiration)


def get_lock(call: Call) -> Answer:
    """Get User Lock Policy."""
    return json_answer(call.platform.security.policies.lock)


def put_lock(call: Call) -> Answer:
    """Configure User Lock Policy."""
    call.platform.security.policies.set_lock(call.json_object())
    return text("UserLockPolicy was successfully updated")


_EXPIRATION_PATH = "/artifactory/api/security/configuration/passwordExpirationPolicy"
_LOCK_PATH = "/artifactory/api/security/userLockPolicy"

ROUTES = (
    Route("GET", _EXPIRATION_PATH, "12.5.6", get_expiration),
    Route("PUT", _EXPIRATION_PATH, "12.5.6", put_expiration),
    Route("GET", _LOCK_PATH, "12.5.6", get_lock),
    Route("PUT", _LOCK_PATH, "12.5.6", put_lock),
)
