"""The names of AWS regions, and their partitions."""

import re
from functools import cache

# The areas in which AWS has regions. The names in use change too often to list them, so eu-west-9 counts as a region.
_REGION = re.compile(r"(us|eu|ap|sa|ca|me|af|il|mx|cn|us-gov|us-iso[bf]?|eu-isoe|eusc-[a-z]+)-[a-z]+-[0-9]{1,2}")

# The prefixes of the regions in each partition; every other region is in "aws".
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
    """Whether it has the form of a region name."""
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
