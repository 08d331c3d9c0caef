"""How Python's json module reads each line of stdin: the bits of the number in hexadecimal, or "error"."""
import json
import struct
import sys

for line in sys.stdin:
    try:
        value = json.loads('{"tensor": [%s]}' % line.rstrip("\n"))["tensor"]
        print(struct.pack(">d", value[0]).hex() if len(value) == 1 and type(value[0]) in (int, float) else "error")
    except (ValueError, OverflowError):
        print("error")
