#!/usr/bin/env python3
"""Writes timezones.inc: every time zone of IANA's database (public domain) from 1970 on, as one line a zone.

usage: timezones.py /usr/share/zoneinfo > timezones.inc

A line: {"names", "transitions", "rule"}. Names that mean the same zone stand together, separated by spaces.
Transitions are `offset` at first, then ` delta offset` each: delta in units of 30 s since the transition
before (the first since 1970), in base 36; offset in units of 30 s east of UTC. After the last one the POSIX
rule holds.
"""
import re
import struct
import sys
from datetime import date, timedelta
from pathlib import Path

UNIT = 30
LAST_YEAR = 2037


def read(path):
    data = path.read_bytes()
    if data[:4] != b"TZif":
        return None
    def header(at):
        return struct.unpack(">6l", data[at + 20:at + 44])
    isutc, isstd, leap, times, types, chars = header(0)
    at = 44 + times * 5 + types * 6 + chars + leap * 8 + isstd + isutc
    isutc, isstd, leap, times, types, chars = header(at)
    at += 44
    moments = struct.unpack(f">{times}q", data[at:at + 8 * times])
    at += 8 * times
    kinds = data[at:at + times]
    at += times
    infos = [struct.unpack(">lbb", data[at + 6 * i:at + 6 * i + 6]) for i in range(types)]
    at += types * 6 + chars + leap * 12 + isstd + isutc
    footer = data[at:].strip(b"\n").decode()
    return [(m, infos[k][0]) for m, k in zip(moments, kinds)], infos[0][0], footer


def seconds(text, default=0):
    if not text:
        return default
    sign = -1 if text[0] == "-" else 1
    parts = [int(p) for p in text.lstrip("+-").split(":")] + [0, 0]
    return sign * (parts[0] * 3600 + parts[1] * 60 + parts[2])


def rule(footer):
    """std offset, dst offset or None, and the two change rules."""
    name = r"(?:<[^>]+>|[A-Za-z]+)"
    number = r"[-+]?\d+(?::\d+){0,2}"
    m = re.fullmatch(rf"{name}({number})(?:{name}({number})?(?:,([^,]+),([^,]+))?)?", footer)
    std = -seconds(m[1])
    if not m[3]:
        return std, None, None
    return std, -seconds(m[2]) if m[2] else std + 3600, (m[3], m[4])


def change(text, year):
    """Local seconds since 1970 of `M3.2.0/2`, `J60`, `59`."""
    day, _, time = text.partition("/")
    at = seconds(time, 7200)
    if day[0] == "M":
        month, week, weekday = (int(p) for p in day[1:].split("."))
        first = date(year, month, 1)
        found = first + timedelta((weekday - first.isoweekday() % 7) % 7 + 7 * (week - 1))
        while found.month != month:
            found -= timedelta(7)
    elif day[0] == "J":
        n = int(day[1:])
        leap = date(year, 3, 1) - date(year, 2, 28) == timedelta(2)
        found = date(year, 1, 1) + timedelta(n - 1 + (leap and n >= 60))
    else:
        found = date(year, 1, 1) + timedelta(int(day))
    return (found - date(1970, 1, 1)).days * 86400 + at


def by_rule(footer):
    std, dst, changes = rule(footer)
    if dst is None:
        return []
    out = []
    for year in range(1970, LAST_YEAR + 1):
        out.append((change(changes[0], year) - std, dst))
        out.append((change(changes[1], year) - dst, std))
    return sorted(out)


def base36(n):
    digits = ""
    while True:
        n, d = divmod(n, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[d] + digits
        if n == 0:
            return digits


def main():
    root = Path(sys.argv[1])
    zones = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if path.is_dir() or name.startswith(("posix/", "right/")) or name in ("localtime", "posixrules", "Factory"):
            continue
        zone = read(path)
        if not zone:
            continue
        moments, first, footer = zone
        current = first
        kept = []
        for moment, offset in moments:
            if moment <= 0:
                current = offset
            elif offset != (kept[-1][1] if kept else current):
                kept.append((moment, offset))
        ruled = by_rule(footer)
        while kept and kept[-1] in ruled and kept[-1][0] > 0:
            # The rule gives this one and all after it, provided that it gives nothing else behind the one before.
            previous = kept[-2][0] if len(kept) > 1 else 0
            if [r for r in ruled if previous < r[0] < kept[-1][0]]:
                break
            kept.pop()
        text = str(current // UNIT)
        assert current % UNIT == 0 or not kept
        last = 0
        for moment, offset in kept:
            assert moment % UNIT == 0 and offset % UNIT == 0, name
            text += f" {base36((moment - last) // UNIT)} {offset // UNIT}"
            last = moment
        std, dst, changes = rule(footer)
        posix = str(std // UNIT) + (f" {dst // UNIT} {changes[0]} {changes[1]}" if changes else "")
        zones.setdefault((text, posix), []).append(name)
    for (text, posix), names in sorted(zones.items(), key=lambda item: item[1]):
        print('{"%s", "%s", "%s"},' % (" ".join(names), text, posix))


main()
