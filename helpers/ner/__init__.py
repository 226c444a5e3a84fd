"""Named-entity recognition by weak supervision: skweak, spaCy and Argilla spans."""
