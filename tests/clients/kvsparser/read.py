"""kvsparser reads a stream: ``python read.py ENDPOINT STREAM FRAGMENTS``; a line of JSON for each.

A fragment is whole for it when the next one begins, so the newest of a stream does not come.
"""

import json
import sys

import boto3
from kvsparser import Parser

endpoint, stream, count = sys.argv[1:]
settings = {
    "region_name": "us-east-1",
    "aws_access_key_id": "AKIAIOSFODNN7EXAMPLE",
    "aws_secret_access_key": "example-secret-key",
}
video = boto3.client("kinesisvideo", endpoint_url=endpoint, **settings)
found = video.get_data_endpoint(StreamName=stream, APIName="GET_MEDIA")["DataEndpoint"]
media = boto3.client("kinesis-video-media", endpoint_url=found, **settings)
answer = media.get_media(StreamName=stream, StartSelector={"StartSelectorType": "EARLIEST"})
seen = 0
for fragment in Parser(answer):
    if not fragment.bytes:
        continue
    images = fragment.images
    told = {"tags": fragment.tags, "frames": len(images), "shape": images[0].shape}
    sys.stdout.write(json.dumps(told) + "\n")
    seen += 1
    if seen == int(count):
        break
