"""The data room: MNIST, 2-D toy sets and the tasks made of them, seeded and offline."""
