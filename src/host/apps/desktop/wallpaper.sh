#!/bin/sh
# Paints the wallpaper for the size that the display has now; a plain colour where the picture cannot be read.
hsetroot -cover {{picture}} >/dev/null 2>&1 || hsetroot -solid '#1c2244'
