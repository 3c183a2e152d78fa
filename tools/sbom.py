"""The bill of materials of what runs, as CycloneDX 1.6 in JSON: python -m tools.sbom [--testing] > FILE.

The same parts give the same bytes: no moment and no random number is in it.
"""

import argparse
import json
import sys
import uuid
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, requires
from typing import Any

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from cosmolocal import __version__
from tools.dependencies import Part, read_parts

_SPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "cosmolocal.sbom")
ROOT_REF = f"pkg:pypi/cosmolocal@{__version__}"


def build_bill(parts: Iterable[Part]) -> dict[str, Any]:
    """Return the bill of materials."""
    parts = tuple(parts)
    components = [_component(part) for part in parts]
    serial = uuid.uuid5(_SPACE, json.dumps(components))
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": ROOT_REF,
                "name": "cosmolocal",
                "version": __version__,
                "purl": ROOT_REF,
                "licenses": [{"license": {"id": "AGPL-3.0-or-later"}}],
            }
        },
        "components": components,
        "dependencies": _dependencies(parts),
    }


def purl_of(part: Part) -> str:
    """Return the address of a part, whatever it is fetched from."""
    return f"pkg:{part.kind}/{part.name}@{part.version}"


def _component(part: Part) -> dict[str, Any]:
    files = [{"alg": "SHA-256", "content": digest} for digest in part.digests]
    return {
        "type": "library",
        "bom-ref": purl_of(part),
        "name": part.name,
        "version": part.version,
        "purl": purl_of(part),
        "scope": "required" if part.use == "running" else "excluded",
        "licenses": [_licence(part.licence)],
        "externalReferences": [{"type": "distribution", "url": purl_of(part), "hashes": files}],
    }


def _licence(expression: str) -> dict[str, Any]:
    if expression.startswith("LicenseRef-"):
        return {"license": {"name": expression}}
    return {"expression": expression} if " " in expression else {"license": {"id": expression}}


def _dependencies(parts: tuple[Part, ...]) -> list[dict[str, Any]]:
    """Return who needs whom, as far as what is installed says so."""
    packages = [part for part in parts if part.kind == "pypi"]
    # of a package with other versions elsewhere, the one of this machine is told
    refs = {part.name: purl_of(part) for part in packages if not part.marker or Marker(part.marker).evaluate()}
    others = [purl_of(part) for part in packages if purl_of(part) not in refs.values()]
    vendored = [purl_of(part) for part in parts if part.kind != "pypi"]
    needs = [(ROOT_REF, [refs[name] for name in _needs("cosmolocal") if name in refs] + vendored)]
    needs += [(ref, [refs[need] for need in _needs(name) if need in refs]) for name, ref in refs.items()]
    needs += [(ref, []) for ref in (*others, *vendored)]
    return [{"ref": ref, "dependsOn": sorted(set(found))} for ref, found in needs]


def _needs(name: str) -> list[str]:
    try:
        asked = [Requirement(text) for text in requires(name) or ()]
    except PackageNotFoundError:
        return []
    return [canonicalize_name(one.name) for one in asked if one.marker is None or one.marker.evaluate({"extra": ""})]


def main() -> None:
    """Write the bill to stdout."""
    parser = argparse.ArgumentParser(prog="python -m tools.sbom", description=__doc__)
    parser.add_argument("--testing", action="store_true", help="what only tests need too")
    given = parser.parse_args()
    parts = [part for part in read_parts() if given.testing or part.use == "running"]
    sys.stdout.write(json.dumps(build_bill(parts), indent=1) + "\n")


if __name__ == "__main__":
    main()
