"""Every error a user can meet. Each message is one sentence: the cause, and what to do."""


class GANReactError(Exception):
    """Root of the family; `exit_status` is what the command line ends with."""

    exit_status = 1
    code = "error"


class UsageError(GANReactError):
    """The arguments ask for something that cannot be."""

    exit_status = 2
    code = "usage"


class InputFileError(GANReactError):
    """A file the user gave cannot be used."""

    exit_status = 3
    code = "input"


class AudioError(InputFileError):
    """A file that holds no usable sound."""

    code = "audio"


class CheckpointError(InputFileError):
    """A file that holds no usable network."""

    code = "checkpoint"


class LookError(InputFileError):
    """A look, patch or table that does not make sense."""

    code = "look"


class BundleError(InputFileError):
    """A render bundle that is not whole."""

    code = "bundle"


class DiskError(GANReactError):
    """The disk is full or refuses to be written."""

    exit_status = 4
    code = "disk"


class DiskFull(DiskError):
    """There is no room: the one refusal of a disk that can pass by itself."""


class MemoryShortage(GANReactError):
    """Not even one frame fits into memory."""

    exit_status = 5
    code = "memory"


class Cancelled(GANReactError):
    """The user stopped the job."""

    exit_status = 6
    code = "cancelled"


class Partial(GANReactError):
    """Some of what was asked for is missing at the end."""

    exit_status = 7
    code = "partial"


class EngineError(GANReactError):
    """The engine cannot be started, or broke off."""

    code = "engine"


class Bug(GANReactError):
    """What nobody foresaw."""

    code = "bug"
