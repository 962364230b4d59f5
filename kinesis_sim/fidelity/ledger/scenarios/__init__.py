"""The errors of each service, provoked through boto3: one book of scenarios per service."""

from kinesis_sim.fidelity.ledger.scenarios import (
    analytics,
    archived_media,
    calls,
    cloudwatch,
    firehose,
    fis,
    lambdas,
    video,
)
from kinesis_sim.fidelity.ledger.scenarios.book import KINESIS
from kinesis_sim.fidelity.ledger.stage import Book

BOOKS: dict[str, Book] = {
    "kinesis": KINESIS,
    "cloudwatch": cloudwatch.BOOK,
    "lambda": lambdas.BOOK,
    "fis": fis.BOOK,
    "firehose": firehose.BOOK,
    "kinesisanalyticsv2": analytics.NEWER,
    "kinesisanalytics": analytics.OLDER,
    "kinesisvideo": video.CONTROL,
    "kinesis-video-media": video.MEDIA,
    "kinesis-video-archived-media": archived_media.BOOK,
    "kinesis-video-signaling": calls.SIGNALING,
    "kinesis-video-webrtc-storage": calls.STORAGE,
}
