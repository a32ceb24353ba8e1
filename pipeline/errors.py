"""What can go wrong in a pipeline, as one tree. Knows nothing else.

PipelineError          a person mends it; the message is one clear line, without any token
├── Stopped            nothing was done, on purpose: what would run is not what was approved, or is forbidden
└── WebError           GitHub or GitLab gave no usable answer
    └── NotThere       404: it is not there, or the token may not see it
"""

from __future__ import annotations


class PipelineError(Exception):
    """Base of all errors of this package. Its message is meant for a person."""


class Stopped(PipelineError):
    """The deploy did not begin. The message says what differs, and the way out."""


class WebError(PipelineError):
    """The forge did not answer, or its answer is no."""


class NotThere(WebError):
    """The forge answered 404."""
