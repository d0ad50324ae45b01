"""What a hostile or careless person could do, and what must never be seen: SECURITY.md names these tests."""
