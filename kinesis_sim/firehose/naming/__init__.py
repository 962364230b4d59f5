"""What an object is called: prefixes, date patterns and the name itself."""
