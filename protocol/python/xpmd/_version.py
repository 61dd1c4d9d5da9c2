"""The version of xpmd that this package belongs to: that of the change log's newest entry."""

VERSION = "0.2.0"
