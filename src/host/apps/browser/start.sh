#!/bin/sh
# One browser that fills the display; when it ends, the window manager and so the app end with it.
xsetroot -cursor_name left_ptr -solid '#141827'
{{command}}
openbox --exit
