#!/bin/sh
# Makes a local base image with Debian's Python, for a host that reaches Debian's packages but no image registry:
#
#     docker/make-base.sh heurigym-debian:bookworm
#     heurigym sandbox image --base heurigym-debian:bookworm
#
# Run it as root on Debian or Ubuntu with debootstrap. The packages come from the mirror that the host's apt uses.
set -eu

name=${1:?usage: make-base.sh NAME:TAG [SUITE]}
suite=${2:-bookworm}

mirror=${DEBIAN_MIRROR:-$(apt-cache policy | awk '$2 ~ /^https?:/ && $2 !~ /security/ && $2 ~ /debian/ { print $2; exit }')}
if [ -z "$mirror" ]; then
    echo "make-base.sh: apt names no Debian mirror; set DEBIAN_MIRROR to one" >&2
    exit 2
fi

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
root=$folder/root
debootstrap --variant=minbase --include=python3 "$suite" "$root" "$mirror" >"$folder/log" 2>&1 || {
    tail -n 5 "$folder/log" >&2
    exit 1
}
rm -rf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* "$root"/usr/share/doc/* "$root"/usr/share/man/* \
    "$root"/usr/share/locale/* "$root"/debootstrap
: >"$root/etc/apt/sources.list"
: >"$root/etc/resolv.conf"
tar -C "$root" --one-file-system --exclude='./dev/*' --exclude='./proc/*' --exclude='./sys/*' -c . |
    docker import --change 'CMD ["/bin/sh"]' - "$name"
