"""AWS's regions by name, and the partitions that they are in."""

import re
from functools import cache

# The areas where AWS has regions. Which of an area's names are in use changes
# too often to be told here, so eu-west-9 is taken for a region.
_REGION = re.compile(r"(us|eu|ap|sa|ca|me|af|il|mx|cn|us-gov|us-iso[bf]?|eu-isoe|eusc-[a-z]+)-[a-z]+-[0-9]{1,2}")

# Region prefixes of the partitions; every other region is in "aws".
_PARTITIONS = (
    ("cn-", "aws-cn"),
    ("us-gov-", "aws-us-gov"),
    ("us-isob-", "aws-iso-b"),
    ("us-isof-", "aws-iso-f"),
    ("us-iso-", "aws-iso"),
    ("eu-isoe-", "aws-iso-e"),
    ("eusc-", "aws-eusc"),
)


def is_region(name: str) -> bool:
    """Whether it has the form of a region's name."""
    return _REGION.fullmatch(name) is not None


@cache
def known_regions() -> frozenset[str]:
    """The regions that the installed botocore knows."""
    from botocore.loaders import create_loader

    partitions = create_loader().load_data("partitions")["partitions"]
    return frozenset(name for partition in partitions for name in partition["regions"] if is_region(name))


def partition_of(region: str) -> str:
    return next((partition for prefix, partition in _PARTITIONS if region.startswith(prefix)), "aws")


def dns_suffix_of(region: str) -> str:
    return "amazonaws.com.cn" if partition_of(region) == "aws-cn" else "amazonaws.com"
