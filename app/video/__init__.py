"""From the HDMI cable to encoded frames. Read next: `frame` for the words, `pipeline` for the flow."""
