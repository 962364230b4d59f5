"""A few rounds of SIGKILL under load; ``make crash`` runs two hundred."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from tests.journal.crash import STREAM, RunningServer, run


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_by_a_kill() -> None:
    findings = run(rounds=3, writers=3, seed=1, longest=0.6)
    assert findings.acknowledged > 0
    assert findings.is_clean, findings


@pytest.mark.slow
def test_a_server_that_ends_on_a_full_disk_says_so_and_keeps_what_it_acknowledged(
    tmp_path: Path,
) -> None:
    server = RunningServer(tmp_path)
    with closing(server.client("kinesis")) as kinesis:
        kinesis.create_stream(StreamName=STREAM, ShardCount=1)
        server.fill_disk(0)
        with pytest.raises(ClientError, match="The data folder cannot be written"):
            kinesis.create_stream(StreamName="another", ShardCount=1)
    code, said = server.stop()
    assert code == 1
    assert "The data folder cannot be written" in said
    assert said.rstrip().endswith("Nothing that was acknowledged is lost.")
    assert "Traceback" not in said
    again = RunningServer(tmp_path)
    with closing(again.client("kinesis")) as kinesis:
        assert kinesis.list_streams()["StreamNames"] == [STREAM]
    assert again.stop()[0] == 0
