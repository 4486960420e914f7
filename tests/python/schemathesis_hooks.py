"""tus sends bytes under a media type of its own, which schemathesis writes as it writes any bytes."""

import schemathesis

schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")
