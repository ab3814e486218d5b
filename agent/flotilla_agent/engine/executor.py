"""Takes one step of a plan on a Target and says how it went; an error is part of the answer, the engine judges it."""

from dataclasses import dataclass

from flotilla_common.errors import FlotillaError, Refused
from flotilla_common.objects import Obj

from .plan import Step, Verb, marks_of
from .target import Target

__all__ = ["Taken", "take"]


@dataclass(frozen=True, slots=True)
class Taken:
    """A step that was tried: `live` is the object as it now is, `error` why it is not as the step wanted it."""

    step: Step
    live: Obj | None = None
    error: FlotillaError | None = None


async def take(target: Target, step: Step) -> Taken:
    try:
        return Taken(step, await _do(target, step))
    except FlotillaError as err:
        return Taken(step, step.live, err)


async def _do(target: Target, step: Step) -> Obj | None:
    match step.verb:
        case Verb.CREATE | Verb.UPDATE:
            assert step.obj is not None
            # Force settles fields with others who share an object of ours; a new object has no others.
            return await target.apply(step.obj, force=step.verb is Verb.UPDATE)
        case Verb.DELETE:
            await target.delete(step.ref, uid=step.uid)
        case Verb.RELEASE:
            labels, annotations = marks_of(step.live or {})
            await target.release(step.ref, uid=step.uid, labels=labels, annotations=annotations)
        case Verb.REFUSE:
            raise Refused(step.why)
        case Verb.KEEP:
            return step.live
        case Verb.FORGET:
            pass
    return None
