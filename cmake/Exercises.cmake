function(kata_add_exercises root)
endfunction()
