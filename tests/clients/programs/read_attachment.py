"""Reads an attachment by its reference, which is argument 1, and says its text."""

import json
import sys

from braintrust.logger import ReadonlyAttachment

reference = json.loads(sys.argv[1])
print(json.dumps({"text": ReadonlyAttachment(reference).data.decode()}))
