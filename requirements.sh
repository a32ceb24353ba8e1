#!/bin/sh
# Writes the three requirements files, with hashes, from the lists in pyproject.toml. Each holds the versions of the
# one before it. Versions stay as they are where the lists allow it, unless UPGRADE is set.
set -eu

lock() {
    uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
        --no-emit-package psaas-tenants --custom-compile-command 'make lock' ${UPGRADE:+--upgrade} "$@" pyproject.toml
}

lock --extra command --output-file requirements.txt
lock --extra command --extra appliance --constraints requirements.txt --output-file requirements-appliance.txt
lock --extra dev --constraints requirements-appliance.txt --output-file requirements-dev.txt
