"""What goes into the workflows: the source policy, a loader per corpus, the bundled samples, the encoder."""
