"""Personal data in free text is replaced by neutral tokens before anybody keeps, shows or logs the text.

Everything here is a pure function of the text and the configured public numbers and hosts. Rules come from
DOMAIN.md, "Personal data in free text"; when in doubt a finder masks.
"""

from bot.masking.by_hand import NotToBeMaskedError
from bot.masking.masker import Masker
from bot.masking.masks import Mask, Masked, localise

__all__ = ["Mask", "Masked", "Masker", "NotToBeMaskedError", "localise"]
