"""What can go wrong, as one tree. Knows no HTTP and no Pulumi.

    PsaasError                     everything that a caller of this package may have to handle
    ├── ConfigError                a setting is missing or wrong; a person mends it before the next run
    │   └── WrongUse               the arguments of a call or a command don't fit together; no file is wrong
    ├── EscrowError                the escrow can't be written, read or trusted
    ├── SinkError                  the place where a team reads its credential says no, or isn't ours
    │   └── SinkDown               it gave no usable answer; the next update tries again
    ├── Stopped                    not tried, because an earlier answer of this run made it unsafe
    ├── Refused                    we decline: what was asked for would lose or break something
    ├── CouldNotTalk               no answer from the appliance
    │   ├── Unreachable            nothing was sent: DNS, connection, proxy
    │   ├── Untrusted              nothing was sent: the TLS certificate was not accepted
    │   └── OutcomeUnknown         bytes have left and no usable answer came back
    ├── ToldNo                     the appliance answered, and the answer is no
    │   ├── WrongCredential        401 of a token endpoint
    │   ├── NotGranted             403: no client grant, or a scope that it lacks
    │   ├── NotFound               404
    │   ├── NotOffered             404 or 405 of a call that some appliances don't have
    │   ├── Conflict               409
    │   │   └── NameTaken          the tenant's name is in use, or was used before
    │   └── RateLimited            429 until our patience ended
    ├── WrongAppliance             another appliance answers under the name of the one we know
    └── AnswerUnusable             an answer came, and it is not what the call promises
        ├── CredentialMissing      a tenant was made, and its one-time credential was not in the answer
        └── WrongTenant            the answer speaks of another tenant than the one asked for

Messages say what we were doing, to what, and what the appliance said; never a body, a header or a secret.
"""

from __future__ import annotations


class PsaasError(Exception):
    """Base of all errors of this package. Its message is meant for a person, on one or a few lines."""


class ConfigError(PsaasError):
    """One or more settings are wrong.

    `problems` holds one complete sentence each, with the place where it was found.
    """

    def __init__(self, *problems: str) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


class WrongUse(ConfigError):
    """What was asked for can't be meant: arguments that are missing, or exclude one another. No file is wrong."""


class EscrowError(PsaasError):
    """The escrow can't be written, read or trusted. The message names the file and the ways out."""


class SinkError(PsaasError):
    """The place where a team reads its credential says no, or holds what is not ours; a person mends it."""


class SinkDown(SinkError):
    """That place gave no usable answer: not reached, sealed, busy, or not trusted. The next update tries again."""


class Stopped(PsaasError):
    """This tenant was not tried, because an earlier answer in this run made further POSTs unsafe."""


class Refused(PsaasError):
    """We decline to do what was asked for; the message says why and how to ask for it properly."""


class CouldNotTalk(PsaasError):
    """No answer from the appliance."""


class Unreachable(CouldNotTalk):
    """Nothing was sent: the name did not resolve, the connection or a proxy was refused, or it timed out."""


class Untrusted(CouldNotTalk):
    """Nothing was sent: the server's certificate was not accepted."""


class OutcomeUnknown(CouldNotTalk):
    """The request may have been carried out: bytes have left and no usable answer came back."""


class ToldNo(PsaasError):
    """The appliance answered, and the answer is no.

    `status` is the HTTP status; `code` is the machine-readable code of the answer, `""` where it has none.
    """

    def __init__(self, message: str, *, status: int, code: str = "") -> None:
        self.status = status
        self.code = code
        super().__init__(message)


class WrongCredential(ToldNo):
    """A token endpoint refused the client ID or the secret."""


class NotGranted(ToldNo):
    """The application has no client grant for this API, or the grant lacks a scope."""


class NotFound(ToldNo):
    """The thing named in the request does not exist."""


class NotOffered(ToldNo):
    """This appliance does not have that call, or does not have it at this address."""


class Conflict(ToldNo):
    """The thing exists already."""


class NameTaken(Conflict):
    """The tenant's name is in use, or was used before: a name can be used once in the appliance's life."""


class RateLimited(ToldNo):
    """The appliance kept asking us to slow down for longer than we wait."""


class WrongAppliance(PsaasError):
    """Another appliance answers under the name of the one that was met before. No further call is made."""


class AnswerUnusable(PsaasError):
    """An answer came, and it is not what the call promises."""


class CredentialMissing(AnswerUnusable):
    """A tenant was made, and its one-time credential was not in the answer."""


class WrongTenant(AnswerUnusable):
    """The answer speaks of another tenant than the one that was asked for."""
