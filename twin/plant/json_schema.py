"""JSON Schemas of plant, scenario and state files, made from the models.

Editors complete and check files by the schemas; they accept every short form and its mapping form. What only
the loader can check (units, parameters, names) they leave to `twin check`.
"""

from __future__ import annotations

from typing import Any

from twin.plant.distributions import FORMS, LISTS
from twin.plant.scenario import Scenario
from twin.plant.schema import Plant
from twin.plant.shorthand import Model
from twin.plant.situation import StateFile

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_NUMBER_OR_TEXT: dict[str, Any] = {"type": ["number", "string"]}
_PART: dict[str, Any] = {"anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^\s*[-+]?[.\d]"}]}
_QUANTITY: dict[str, Any] = {
    "description": "A quantity with a unit: `6 h`, `{value: 6, unit: h}`.",
    "anyOf": [
        {"type": "string", "pattern": r"^\s*[-+]?[.\d]"},
        {"type": "number"},
        {
            "type": "object",
            "properties": {"value": {"type": "number"}, "unit": {"type": "string"}},
            "required": ["value", "unit"],
            "additionalProperties": False,
        },
    ],
}


def plant_schema() -> dict[str, Any]:
    """JSON Schema of a plant file."""
    return _schema(Plant)


def scenario_schema() -> dict[str, Any]:
    """JSON Schema of a scenario file."""
    return _schema(Scenario)


def state_schema() -> dict[str, Any]:
    """JSON Schema of a state file."""
    return _schema(StateFile)


def _schema(model: type[Model]) -> dict[str, Any]:
    schema = _with_forms(model.model_json_schema(by_alias=True))
    definitions = schema.setdefault("$defs", {})
    for name in ("Distribution", "AnyQuantity", "WasteDistribution"):
        definitions.pop(name, None)
    definitions["QuantityForm"] = _QUANTITY
    random = {"$ref": "#/$defs/RandomForm"}
    definitions |= {"RandomForm": _random_form(), "AnyQuantity": random, "WasteDistribution": random}
    definitions["LotSize"] = {"$ref": "#/$defs/QuantityForm"}
    if model is Scenario:
        choices = {"type": "array", "minItems": 1}
        definitions["Axis"] = {"anyOf": [choices, definitions["Axis"]]}
        definitions["Precision"] = {"anyOf": [_PART, definitions["Precision"]]}
    if model is StateFile:
        stock = definitions["StandingStock"]
        definitions["StandingStock"] = {"anyOf": [{"$ref": "#/$defs/QuantityForm"}, stock]}
    if model is Plant:
        short = {"type": "string", "pattern": r"^\s*(\d{1,6}\s+)?[a-z][a-z0-9_]*\s*$"}
        definitions["Need"] = {"anyOf": [short, definitions["Need"]]}
        definitions["StartUp"] = {"anyOf": [random, definitions["StartUp"]]}
        for key in ("cleaning", "maintenance"):
            _or_one(definitions["Equipment"]["properties"], key)
        for name in ("Labour", "UnitHold", "ContainerHold", "HoldTime", "ShelfLife"):
            definitions[name] = {"anyOf": [{"$ref": "#/$defs/QuantityForm"}, definitions[name]]}
        orders = schema["properties"]["orders"]
        words = {"file": {"type": "string"}, "sheet": {"type": "string"}}
        file = {"type": "object", "properties": words, "required": ["file"], "additionalProperties": False}
        listed = {key: orders.pop(key) for key in ("type", "items", "minItems")}
        orders["anyOf"] = [listed, file]
        recipe = definitions["Recipe"]["properties"]
        recipe["batch"]["default"] = "1 pieces"
        recipe["operations"] = {**_one_key_mappings(recipe["operations"], "Operation"), "minItems": 1}
        operation = definitions["Operation"]["properties"]
        transfer = operation["transfer"]
        transfer["anyOf"] = [{"const": "whole"}, *transfer["anyOf"]]
        operation["phases"] = _one_key_mappings(operation["phases"], "Phase")
    return {"$schema": DIALECT, **schema}


def _or_one(properties: dict[str, Any], key: str) -> None:
    """A list that may be written as its only item."""
    many = properties[key]
    about = {name: many.pop(name) for name in ("default", "description") if name in many}
    properties[key] = {**about, "anyOf": [many["items"], many]}


def _one_key_mappings(mapping: dict[str, Any], model: str) -> dict[str, Any]:
    """The list of one-key mappings that a file has where the schema has a mapping in order."""
    one = {"type": "object", "minProperties": 1, "maxProperties": 1}
    one["additionalProperties"] = {"$ref": f"#/$defs/{model}"}
    return {"type": "array", "items": one, "description": mapping["description"]}


def _with_forms(schema: Any) -> Any:
    """The schema with references where `shorthand.py` names a form, and closed where names have a pattern."""
    if isinstance(schema, list):
        return [_with_forms(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    rest = {key: _with_forms(value) for key, value in schema.items() if key != "x-form"}
    if "patternProperties" in rest:
        rest["additionalProperties"] = False
    if "x-form" in schema:
        rest["$ref"] = f"#/$defs/{schema['x-form']}"
    return rest


def _random_form() -> dict[str, Any]:
    """A quantity, or a distribution in its short or its mapping form."""
    call = {"type": "string", "pattern": rf"^\s*({'|'.join(FORMS)})\s*\(.*\)\s*$"}
    mappings = [_distribution_form(kind, keys) for kind, forms in FORMS.items() for keys in forms]
    return {
        "description": "A quantity or a distribution: `6 h`, `lognormal(mean=38 min, cv=0.8)`, "
        "`{distribution: lognormal, mean: 38 min, cv: 0.8}`.",
        "anyOf": [{"$ref": "#/$defs/QuantityForm"}, call, *mappings],
    }


def _distribution_form(kind: str, keys: tuple[str, ...]) -> dict[str, Any]:
    many = {"type": "array", "items": _NUMBER_OR_TEXT, "minItems": 1}
    return {
        "type": "object",
        "properties": {
            "distribution": {"const": kind},
            **{key: many if key in LISTS else _NUMBER_OR_TEXT for key in keys},
        },
        "required": ["distribution", *keys],
        "additionalProperties": False,
    }
