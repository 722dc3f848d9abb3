#!/bin/sh
# Make the image that deploy/Dockerfile starts from, where it cannot be pulled: Debian 12 with its own
# Python 3.11, less documentation, as slim images are. Needs debootstrap, podman and root.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
debootstrap --variant=minbase --include=python3,python3-venv,ca-certificates bookworm "$folder" > /dev/null
cd "$folder"
rm -rf var/cache/apt var/lib/apt/lists/* usr/share/man usr/share/locale usr/share/info
find usr/share/doc -type f ! -name copyright -delete
tar --create . | podman import - docker.io/library/python:3.11-slim
