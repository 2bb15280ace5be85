import pytest

from tests.bot.masking.masking_cases import VECTORS, masked


@pytest.mark.parametrize("vector", VECTORS["must_mask"], ids=lambda vector: vector["written"])
def test_personal_data_alone_is_masked(vector):
    assert masked(vector["written"]) == vector["masked"]


@pytest.mark.parametrize("vector", VECTORS["must_mask"], ids=lambda vector: vector["written"])
def test_personal_data_in_a_sentence_is_masked(vector):
    assert masked(f"Vi har set {vector['written']}. Hvad nu?") == f"Vi har set {vector['masked']}. Hvad nu?"


@pytest.mark.parametrize("written", VECTORS["must_keep"])
def test_what_must_survive_is_kept(written):
    assert masked(written) == written
    assert masked(f"Det er {written}, og så?") == f"Det er {written}, og så?"


@pytest.mark.parametrize("line", VECTORS["conversations"], ids=lambda line: line["conversation"])
def test_conversation_line_is_masked_as_written_down(line):
    assert masked(line["written"]) == line["masked"]
