#!/bin/sh
# What the desktop shows once its window manager runs. The panel is started again when it ends, while there is a display.
sh {{wallpaper}}
(while xsetroot -cursor_name left_ptr; do tint2 -c {{panel}} >/dev/null 2>&1; sleep 1; done) &
exec xterm -geometry 84x24+72+64
