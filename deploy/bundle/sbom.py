"""What is in a bundle, for programs (CycloneDX 1.6, the fields that are known) and for people (NOTICES.md)."""

import json
from collections.abc import Sequence
from pathlib import Path

from deploy.bundle.wheels import Wheel
from deploy.fetch import sha256_of

MODEL_LICENCE = "Apache-2.0"


def sbom(version: str, wheels: Sequence[Wheel], model: Path | None) -> bytes:
    """CycloneDX JSON: every wheel and the model with name, version, licence as declared, sha256. No time, no serial:
    the same content is the same file.
    """
    components = [
        {
            "type": "library",
            "name": wheel.name,
            "version": str(wheel.version),
            "purl": f"pkg:pypi/{wheel.name}@{wheel.version}",
            "licenses": [{"license": {"name": wheel.licence}}],
            "hashes": [{"alg": "SHA-256", "content": sha256_of(wheel.path)}],
        }
        for wheel in wheels
    ]
    if model is not None:
        components.append(
            {
                "type": "machine-learning-model",
                "name": model.name,
                "licenses": [{"license": {"name": MODEL_LICENCE}}],
                "hashes": [{"alg": "SHA-256", "content": sha256_of(model)}],
            }
        )
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": "camera-agent", "version": version}},
        "components": components,
    }
    return json.dumps(document, indent=1, sort_keys=True).encode() + b"\n"


def notices(known: str, wheels: Sequence[Wheel]) -> bytes:
    """The project's own notices, and one line for every package as it is in this bundle."""
    lines = [
        known.rstrip(),
        "",
        "## In this bundle / Trong gói này",
        "",
        "| Package | Version | Licence as declared |",
        "|---|---|---|",
        *(f"| {wheel.name} | {wheel.version} | {wheel.licence} |" for wheel in wheels),
        "",
        "Each wheel holds its own licence texts. / Mỗi gói wheel có kèm văn bản giấy phép của nó.",
        "",
    ]
    return "\n".join(lines).encode()
