import time
import uuid

import argilla as rg

from helpers.annotation import create_dataset, log_records
from helpers.llm_labelling import emotion_settings, seconds_per_review


def test_the_time_between_answers_is_what_a_review_takes(local_argilla):
    client = local_argilla.client
    dataset = create_dataset(client, f"llm-{uuid.uuid4().hex[:8]}", emotion_settings(client))
    try:
        log_records(dataset, [rg.Record(id=name, fields={"text": name}) for name in ("r0", "r1", "r2")])
        start = time.monotonic()
        for record in dataset.records:
            assert seconds_per_review(dataset) is None or record.id == "r2"
            client.http_client.post(
                f"/api/v1/records/{record._server_id}/responses",
                json={"values": {"label": {"value": "neutral"}}, "status": "submitted"},
            ).raise_for_status()
            time.sleep(0.2)
        elapsed = time.monotonic() - start
        assert 0.2 <= seconds_per_review(dataset) <= elapsed / 2
    finally:
        dataset.delete()
