"""What other companies' mail servers say of a mail of ours."""

from __future__ import annotations


def bounce(address: str, event_id: str) -> bytes:
    """Write what a mail server says of a mail to an address that isn't there (RFC 3464)."""
    kind = "multipart/report; report-type=delivery-status; boundary=b"
    said = f"Final-Recipient: rfc822; {address}\nAction: failed\nStatus: 5.1.1\n"
    block = f"--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\n{said}"
    block += (
        f"\n--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <{event_id}@roadworthy.dev>\n"
    )
    return f"MIME-Version: 1.0\nContent-Type: {kind}\n\n{block}\n--b--\n".encode()
