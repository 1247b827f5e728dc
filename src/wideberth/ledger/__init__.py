"""The ledger: an append-only, hash-chained record of findings, statements and manual reports."""

from __future__ import annotations

from wideberth.ledger.bundle import Exported as Exported
from wideberth.ledger.bundle import read_bundle as read_bundle
from wideberth.ledger.bundle import verify_bundle as verify_bundle
from wideberth.ledger.chain import BadRecord as BadRecord
from wideberth.ledger.chain import Verification as Verification
from wideberth.ledger.findings import read_findings as read_findings
from wideberth.ledger.records import Head as Head
from wideberth.ledger.records import Record as Record
from wideberth.ledger.signing import Signer as Signer
from wideberth.ledger.signing import load_public_key as load_public_key
from wideberth.ledger.states import State as State
from wideberth.ledger.states import Statement as Statement
from wideberth.ledger.store import Ledger as Ledger
from wideberth.ledger.writer import Added as Added
