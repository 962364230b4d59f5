"""The receivers, the way to them, and a certificate that is made once."""

from __future__ import annotations

import pytest

from kinesis_sim.aws.certificate import Certificate
from kinesis_sim.aws.certificate import certificate as make_certificate
from kinesis_sim.firehose.destinations.registry import Receivers
from kinesis_sim.firehose.destinations.transport import Transport


@pytest.fixture
def receivers() -> Receivers:
    return Receivers()


@pytest.fixture
def transport(receivers: Receivers) -> Transport:
    return Transport(receivers.hosts)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("certificate"))
