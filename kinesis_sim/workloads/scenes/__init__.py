"""The situations that lessons play: a control room, a click lake, a tide of records."""
