"""The order book, and the rules by which its lots are let into the plant."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from twin.plant.schema.names import MOST_OF_ONE, Name
from twin.plant.shorthand import (
    Duration,
    DurationDistribution,
    LocalTime,
    Model,
    Moment,
    TrueOrFalse,
    Whole,
    as_pydantic,
)
from twin.plant.units import WrongValueError

PUSH, CAMPAIGN = "push", "campaign"
BUILT_IN_RELEASES = (PUSH, CAMPAIGN)  # names that `release` takes without a rule in the file


class ReleaseRule(Model):
    """How the lots of those order lines that name it are let in; until then they wait in the order book.

    Lots wait by priority, then by `sequence`, then as they came. A hot lot does not wait; it counts all the
    same where lots are counted.
    """

    rule: Literal["conwip", "kanban", "campaign", "due_date"] = Field(
        description="`conwip`: at most `limit` lots in the plant. `kanban`: at most `limit` lots before the "
        "operation `until`, whose start lets the next one in. `campaign`: lots of one product together, the "
        "next ones when all of them have left `until`, or the plant. `due_date`: each lot `before` its due "
        "date, and not before its order has come in."
    )
    limit: Annotated[Whole, Field(ge=1, le=MOST_OF_ONE)] | None = Field(
        default=None, description="Most lots; `conwip` and `kanban`, which must have it."
    )
    until: Name | None = Field(
        default=None,
        description="An operation of each of the recipes; `kanban` must have it, `campaign` may.",
    )
    size: Annotated[Whole, Field(ge=1, le=MOST_OF_ONE)] | None = Field(
        default=None, description="Most lots of a campaign; none: all that wait. `campaign` only."
    )
    minimum: Annotated[Whole, Field(ge=1, le=MOST_OF_ONE)] = Field(
        default=1,
        description="Lots of a product that must wait before its campaign begins; no longer heeded once no "
        "more orders will come. `campaign` only.",
    )
    sequence: Literal["first_come", "due", "least_changeover"] = Field(
        default="first_come",
        description="Who is next among equal priorities: who waits longest; who is due first; the product "
        "whose change-overs take least, `campaign` only.",
    )
    before: Duration | None = Field(
        default=None, description="Time from release to due date; `due_date`, which must have it."
    )

    @model_validator(mode="after")
    def _words_of_the_rule(self) -> ReleaseRule:
        for word, rules in _WORDS_OF.items():
            given = getattr(self, word) != type(self).model_fields[word].default
            if given and self.rule not in rules:
                named = " and ".join(f"`{rule}`" for rule in rules)
                message = f"has no meaning for the rule `{self.rule}`"
                hint = f"Leave it out: {named} {'takes' if len(rules) == 1 else 'take'} it."
                raise as_pydantic(WrongValueError(message, hint, path=(word,), at_key=True))
        for word in _NEEDED[self.rule]:
            if getattr(self, word) is None:
                raise as_pydantic(WrongValueError(f"lacks `{word}`, which `{self.rule}` must have"))
        if self.sequence == "least_changeover" and self.rule != CAMPAIGN:
            hint = "Write `first_come` or `due`."
            raise as_pydantic(WrongValueError("is for campaigns alone", hint, path=("sequence",)))
        if self.size is not None and self.minimum > self.size:
            raise as_pydantic(WrongValueError("is more than `size`", path=("minimum",)))
        return self


_WORDS_OF = {
    "limit": ("conwip", "kanban"),
    "until": ("kanban", "campaign"),
    "size": ("campaign",),
    "minimum": ("campaign",),
    "sequence": ("conwip", "kanban", "campaign"),
    "before": ("due_date",),
}
_NEEDED = {"conwip": ("limit",), "kanban": ("limit", "until"), "campaign": (), "due_date": ("before",)}


class Loop(Model):
    """A kanban loop around a stage: a lot starts the stage with a card, which is free again when the next
    stage takes the lot. All recipes that have the operation `from` share the cards.
    """

    limit: Annotated[Whole, Field(ge=1, le=MOST_OF_ONE)] = Field(description="How many cards there are.")
    from_: Name = Field(alias="from", description="The first operation of the stage; its start takes a card.")
    until: Name | None = Field(
        default=None,
        description="The first operation of the next stage, whose start gives the card back; none: the card "
        "comes back when the lot has left the plant.",
    )


class Order(Model):
    """A line of the order book. Order counts: of what comes in at one instant, earlier lines come first.

    Its lots are numbered when they come in, and let into the plant by its release rule.
    """

    recipe: Name = Field(description="What is made.")
    batches: Annotated[Whole, Field(ge=1, le=10_000_000)] = Field(
        default=1, description="Lots at each release."
    )
    every: DurationDistribution | None = Field(
        default=None, description="Time between releases; none: one release."
    )
    first: DurationDistribution | None = Field(
        default=None,
        description="Time of the first release; default: at once, or one `every` when that is random.",
    )
    at: LocalTime | None = Field(
        default=None, description="Date and time of the first release, in place of `first`."
    )
    times: Annotated[Whole, Field(ge=1, le=MOST_OF_ONE)] | None = Field(
        default=None, description="Number of releases; default: endless with `every`, else one."
    )
    due: Moment | None = Field(
        default=None, description="When the lots are due: a time after they come in, or a date and time."
    )
    priority: Annotated[Whole, Field(ge=-MOST_OF_ONE, le=MOST_OF_ONE)] = Field(
        default=0, description="Lower goes first."
    )
    hot: TrueOrFalse = Field(
        default=False,
        description="Goes before every lot that is not hot, whatever a unit's dispatching, and is let in at "
        "once, whatever the release rule.",
    )
    release: Name = Field(
        default=PUSH,
        description="How lots are let in: `push`, at once; a rule of `releases`; or `campaign`, which is one "
        "with its defaults.",
    )
    control: dict[str, Any] = Field(
        default_factory=dict,
        description="The order's control recipe: what is changed of the master recipe, by dotted path, as "
        "`{operations.compress.settings.tablet_rate: 60000/h}`.",
    )
    when_full: Literal["wait", "lost"] = Field(
        default="wait",
        description="What a released lot does that finds no place: wait outside, or leave for good.",
    )

    @model_validator(mode="after")
    def _times_that_agree(self) -> Order:
        if self.at is not None and self.first is not None:
            raise as_pydantic(WrongValueError("stands beside `first`", "Keep one of them.", path=("at",)))
        if self.every is not None and isinstance(self.due, datetime):
            hint = "Give a time after they come in, such as `5 days`."
            raise as_pydantic(WrongValueError("is one date for releases that go on", hint, path=("due",)))
        return self
