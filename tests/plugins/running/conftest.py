from tests.portal.conftest import open_site

__all__ = ["open_site"]
