"""The catalogue as linked data: DCAT 3 in JSON-LD, for the catalogues of other places."""

from __future__ import annotations

from typing import Any

from hub.catalogue.contract import VERSION
from hub.catalogue.entries import meaning
from schemas import MODELS, Section, fields

_CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "adms": "http://www.w3.org/ns/adms#",
}
_FREQUENCY = "http://publications.europa.eu/resource/authority/frequency/DAILY"
#: What the classes of sharing are called where access rights are compared across borders.
_RIGHTS = "http://publications.europa.eu/resource/authority/access-right/"
_ACCESS = {"unconditional": "PUBLIC", "conditional": "RESTRICTED", "restricted": "NON_PUBLIC"}


def dcat(address: str) -> dict[str, Any]:
    """Describe all record types as datasets of one catalogue that is served at an address."""
    return {
        "@context": _CONTEXT,
        "@id": f"{address}/v1/catalogue",
        "@type": "dcat:Catalog",
        "dct:title": [_said("区级人房地数据目录", "zh"), _said("Catalogue of the hub", "en")],
        "dct:publisher": {"@type": "foaf:Agent", "foaf:name": "区数据主管部门"},
        "dcat:version": VERSION,
        "dcat:service": _service(address),
        "dcat:dataset": [_dataset(model, address) for model in MODELS.values()],
    }


def _service(address: str) -> dict[str, Any]:
    return {
        "@id": f"{address}/v1",
        "@type": "dcat:DataService",
        "dct:title": _said("The hub's API", "en"),
        "dcat:endpointURL": {"@id": f"{address}/v1"},
        "dcat:endpointDescription": {"@id": f"{address}/openapi.json"},
    }


def _dataset(model: type[Section], address: str) -> dict[str, Any]:
    place = f"{address}/v1/{model.collection}"
    about = f"{address}/v1/catalogue/{model.collection}"
    return {
        "@id": about,
        "@type": "dcat:Dataset",
        "dct:identifier": f"urn:hub:contract:{model.record_type}",
        "dct:title": [_said(model.title_zh, "zh"), _said(model.collection, "en")],
        "dct:description": _said(meaning(model), "en"),
        "dcat:version": VERSION,
        "adms:versionNotes": _said("Names and codes of fields are final.", "en"),
        "dcat:keyword": [_said(spec.title_zh, "zh") for spec in fields(model)],
        "dct:accrualPeriodicity": {"@id": _FREQUENCY},
        # The strictest of its fields: what is freer is so by the field, in the contract.
        "dct:accessRights": {"@id": _RIGHTS + _strictest(model)},
        "dct:conformsTo": [{"@id": f"{about}/contract"}, {"@id": f"{about}/schema"}],
        "dcat:distribution": [
            _distribution(place, "application/json", address),
            _distribution(f"{address}/v1/exports", "application/x-ndjson", address),
        ],
    }


def _distribution(place: str, media_type: str, address: str) -> dict[str, Any]:
    return {
        "@type": "dcat:Distribution",
        "dcat:accessURL": {"@id": place},
        "dcat:mediaType": {"@id": f"https://www.iana.org/assignments/media-types/{media_type}"},
        "dcat:accessService": {"@id": f"{address}/v1"},
    }


def _strictest(model: type[Section]) -> str:
    order = list(_ACCESS)
    return _ACCESS[max((spec.sharing for spec in fields(model)), key=order.index)]


def _said(text: str, language: str) -> dict[str, str]:
    return {"@value": text, "@language": language}
