"""StartDeliveryStreamEncryption and StopDeliveryStreamEncryption (facts/firehose §1.1, §1.2)."""

from __future__ import annotations

from kinesis_sim.account.calls import Request
from kinesis_sim.errors import ServiceError
from kinesis_sim.firehose import refusals
from kinesis_sim.firehose.catalog import FirehoseCatalog
from kinesis_sim.firehose.delivery_stream import DeliveryStream, Encryption
from kinesis_sim.firehose.events import EncryptionChanged
from kinesis_sim.firehose.states import EncryptionStatus

OWNED, MANAGED = "AWS_OWNED_CMK", "CUSTOMER_MANAGED_CMK"
_UNDER_WAY = (EncryptionStatus.ENABLING, EncryptionStatus.DISABLING)
_FAILURES = {
    "KMSDisabledException": "DISABLED_KMS_KEY",
    "KMSInvalidStateException": "INVALID_KMS_KEY",
    "KMSNotFoundException": "KMS_KEY_NOT_FOUND",
    "KMSAccessDeniedException": "KMS_ACCESS_DENIED",
    "KMSOptInRequired": "KMS_OPT_IN_REQUIRED",
}
"""botocore DeliveryStreamFailureType for what KMS answers."""


def start_delivery_stream_encryption(firehose: FirehoseCatalog, request: Request) -> Request:
    """Encrypt what comes, or change the key.

    ENABLING, then ENABLED, or ENABLING_FAILED with the old key still in force.

    Whoever puts needs GenerateDataKey and Decrypt on a customer's key
    (facts/firehose/9/sse-callers). Callers here are the account's root, who has both unless the key
    is denied with ``sim.keys``; a key's policy is not read (model's choice).

    Raises ResourceInUseException while another change is under way, LimitExceededException above 25
    calls a day, InvalidArgumentException for a stream that is not DirectPut,
    ResourceNotFoundException, InvalidKMSResourceException for a key that is not there.
    """
    stream = _changeable(firehose, request)
    wanted = request.get("DeliveryStreamEncryptionConfigurationInput", {"KeyType": OWNED})
    check_encryption(firehose, wanted)
    _count(firehose, stream)
    begin_encryption(firehose, stream, wanted)
    return {}


def stop_delivery_stream_encryption(firehose: FirehoseCatalog, request: Request) -> Request:
    """Encrypt no more: DISABLING, then DISABLED. Raises as starting does."""
    stream = _changeable(firehose, request)
    _count(firehose, stream)
    stream.encryption.failure = None
    stream.encryption.life.step("StopDeliveryStreamEncryption")
    _tell(firehose, stream)

    def finish() -> None:
        stream.encryption.use(None, None)
        stream.encryption.life.step("stopped")
        _tell(firehose, stream)

    firehose.ports.clock.after(firehose.delays["firehose.encryption"], finish)
    return {}


def begin_encryption(firehose: FirehoseCatalog, stream: DeliveryStream, wanted: Request) -> None:
    """ENABLING now, and what comes of it later; meanwhile an old key stays in force."""
    encryption = stream.encryption
    key = wanted.get("KeyARN")
    encryption.failure = None
    encryption.life.step("StartDeliveryStreamEncryption")

    def finish() -> None:
        encryption.failure = None if key is None else _refusal(firehose, key)
        if encryption.failure is None:
            encryption.use(wanted["KeyType"], key)
        encryption.life.step("key granted" if encryption.failure is None else "key refused")
        _tell(firehose, stream)

    _tell(firehose, stream)
    firehose.ports.clock.after(firehose.delays["firehose.encryption"], finish)


def described(encryption: Encryption) -> Request:
    """DeliveryStreamEncryptionConfiguration."""
    told: Request = {"Status": encryption.life.name}
    if encryption.key_type is not None:
        told["KeyType"] = encryption.key_type
    if encryption.key_arn is not None:
        told["KeyARN"] = encryption.key_arn
    if encryption.failure is not None:
        told["FailureDescription"] = encryption.failure
    return told


def check_encryption(firehose: FirehoseCatalog, wanted: Request) -> None:
    """Refuse what could never be.

    KeyARN goes with CUSTOMER_MANAGED_CMK and with nothing else (BC:KeyType), and names a key.

    Raises InvalidArgumentException, InvalidKMSResourceException, and LimitExceededException for a
    key that is in force on 500 streams (BC:DeliveryStreamEncryptionConfigurationInput). That a key
    which is not there is refused at once, and one that may not be used shows as ENABLING_FAILED, is
    the model's choice: AWS declares both and says of neither when.
    """
    if wanted["KeyType"] == MANAGED and "KeyARN" not in wanted:
        raise refusals.invalid(f"KeyARN has to be specified when KeyType is {MANAGED}")
    if wanted["KeyType"] == OWNED and "KeyARN" in wanted:
        raise refusals.invalid(f"KeyARN cannot be specified when KeyType is {OWNED}")
    if "KeyARN" not in wanted:
        return
    if wanted["KeyARN"].split(":")[3] != firehose.ports.region:
        raise refusals.invalid(
            "Cross-region keys are not allowed for SSE. Please provide CMKs in the same region as "
            "firehose"
        )
    users = sum(stream.encryption.key_arn == wanted["KeyARN"] for stream in firehose)
    if users >= firehose.limits["firehose.streams_per_key"]:
        raise refusals.limit(
            f"{wanted['KeyARN']} encrypts {users} Firehose streams, the most that one key may: use "
            "another key."
        )
    try:
        firehose.ports.unlock(wanted["KeyARN"], "CreateGrant")
    except ServiceError as error:
        if error.code == "KMSNotFoundException":
            raise refusals.key_refused(error) from None


def _changeable(firehose: FirehoseCatalog, request: Request) -> DeliveryStream:
    stream = firehose.active(request["DeliveryStreamName"])
    if stream.source.kind != "DirectPut":
        raise refusals.only_direct()
    if stream.encryption.status in _UNDER_WAY:
        raise refusals.in_use(
            f"Firehose {stream.name} under accountId {firehose.ports.account} is "
            f"{stream.encryption.life.name} its encryption; wait until that is done."
        )
    return stream


def _count(firehose: FirehoseCatalog, stream: DeliveryStream) -> None:
    most = firehose.limits["firehose.encryption_changes_per_day"]
    if not stream.encryption_calls.admit(stream.name, most, firehose.now):
        raise refusals.limit(
            f"Start- and StopDeliveryStreamEncryption together may be called {most} times per "
            f"Firehose stream and 24 hours; {stream.name} has reached that."
        )


def _refusal(firehose: FirehoseCatalog, key: str) -> dict[str, str] | None:
    try:
        firehose.ports.unlock(key, "GenerateDataKey")
    except ServiceError as error:
        return {"Type": _FAILURES.get(error.code, "UNKNOWN_ERROR"), "Details": error.message}
    return None


def _tell(firehose: FirehoseCatalog, stream: DeliveryStream) -> None:
    firehose.ports.events.append(
        EncryptionChanged(at=firehose.now, stream=stream.name, became=stream.encryption.life.name)
    )
