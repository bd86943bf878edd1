"""What is held about people, how it is handed to them, how it goes. See README.md."""
