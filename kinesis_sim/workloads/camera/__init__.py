"""A camera that needs nothing but Python: pictures, H.264, and a producer that puts them."""
