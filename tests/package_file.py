"""Writes a package with the JIT step of Microsoft's article."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path


def make_package(path: Path) -> None:
    """Write a package whose form asks about JIT as Microsoft's article says."""
    step = {
        "name": "jitConfiguration",
        "label": "JIT Configuration",
        "subLabel": {"preValidation": "Configure JIT settings", "postValidation": "Done"},
        "bladeTitle": "JIT Configuration",
        "elements": [
            {
                "name": "jitConfigurationControl",
                "type": "Microsoft.Solutions.JitConfigurator",
                "label": "JIT Configuration",
            }
        ],
    }
    chosen = "[steps('jitConfiguration').jitConfigurationControl]"
    form = {
        "$schema": "https://schema.management.azure.com/schemas/0.1.2-preview/"
        "CreateUIDefinition.MultiVm.json#",
        "handler": "Microsoft.Azure.CreateUIDef",
        "version": "0.1.2-preview",
        "parameters": {"basics": [], "steps": [step], "outputs": {"jitAccessPolicy": chosen}},
    }
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("createUiDefinition.json", json.dumps(form))
        package.writestr("mainTemplate.json", json.dumps({"resources": []}))
