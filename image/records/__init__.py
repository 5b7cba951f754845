"""What goes into the image and what came out of it, as records: package locks, file lists, bill of materials, manifest."""
