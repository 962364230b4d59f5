"""What kinds of cluster there are, and where a domain answers."""

from __future__ import annotations

import re
from typing import Literal

Flavour = Literal["opensearch", "elasticsearch", "serverless"]
"""OpenSearch Service, Elasticsearch as it was called before, OpenSearch Serverless."""
_ARN = re.compile(r"arn:[^:]+:es:([a-z0-9-]+):\d{12}:domain/([a-z][a-z0-9-]{2,27})")


def domain_endpoint(arn: str) -> str:
    """Where a domain answers: the model's convention, AWS adds letters that only it knows.

    Empty for a text that is no domain's ARN.
    """
    found = _ARN.fullmatch(arn)
    return f"https://search-{found[2]}.{found[1]}.es.amazonaws.com" if found else ""
